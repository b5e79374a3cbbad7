# UPS Track Alert: one event of one package, in the words of the Tracking API under other names.

def filled: select(type == "string" and . != "");

# "20260305" -> "2026-03-05"; the engine sees to the digits.
def day: select(type == "string" and length == 8) | "\(.[:4])-\(.[4:6])-\(.[6:])";

# "081500" -> "08:15:00"
def clock: select(type == "string" and length == 6) | "\(.[:2]):\(.[2:4]):\(.[4:])";

# What is said about a parcel that is on its way says nothing about an exception.
def ordinary: ["003", "005", "006", "010", "011", "021", "026", "038", "039", "043", "044", "045"];

# Two-letter codes first, as they are the finest; those for deliveries count in deliveries alone, since
# the same letters stand in internal scans. An exception (type X) is what its text says.
def codes:
  . as $status
  | if .type == "X" then
      ["exception", .description],
      (select(.statusCode as $code | ordinary | all(. != $code)) | ["status_code", .statusCode])
    else
      ["activity \(.type)", .code],
      ["activity", .code],
      ["status_code", .statusCode]
    end,
    ["other_activity", $status.code],
    ["type", $status.type];

def checkpoint:
  .activityStatus as $status
  | (.activityLocation // {}) as $place
  | ((($place.country // $place.countryCode) | filled) // null) as $country
  | ((.localActivityTime | clock) // null) as $clock
  | {
      # A day of another form is passed on, so that it is complained about.
      time: (((.localActivityDate | day) // .localActivityDate) + (if $clock then "T" + $clock else "" end)),
      code: (($status.code | filled) // $status.type),
      codes: [$status | codes | select(.[1] | type == "string")],
      message: ($status.description // ""),
      location: ([$place.city, $place.stateProvince, $country] | map(filled) | join(", ")),
      city: $place.city,
      state: $place.stateProvince,
      postal_code: $place.postalCode,
      country: $country
    };

.body
| if ((.trackingNumber | filled) // null) == null or (.activityStatus | type) != "object" then
    error("no trackingNumber and activityStatus")
  elif .activityStatus.type == "NA" then
    {no_data_yet: "UPS tells nothing of the package"}
  else
    # One event; those before it stay.
    {complete: false, shipments: [{number: .trackingNumber, checkpoints: [checkpoint]}]}
  end
