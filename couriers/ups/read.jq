# UPS Tracking API v1.
#
# `trackResponse.shipment[].package[]`, each with `activity[]`, newest first. A number UPS does not know
# is a shipment with a warning and no package; everything refused is `response.errors[]`.
#
# Answers of the XML interface, which ended in 2024, are read as well, for those who kept them.

def filled: select(type == "string" and . != "");

def decimal: select(type == "string" and (tonumber? // -1) >= 0);

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

def checkpoint($piece; $receiver):
  (.location.address // {}) as $address
  | ([.status | codes | select(.[1] | type == "string")]) as $codes
  | (($address.countryCode // $address.country) | if type == "string" then . else null end) as $country
  | (.time | clock) // null as $clock
  | {
      # A day or clock of another form is passed on, so that it is complained about.
      time: (((.date | day) // .date) + (if $clock then "T" + $clock else "" end)),
      zone: (if $clock then .gmtOffset else null end),
      code: (.status.code // .status.statusCode // .status.type),
      codes: $codes,
      message: (.status.description // ""),
      location: ([$address.city, $address.stateProvince, $country] | map(filled) | join(", ")),
      city: $address.city,
      state: $address.stateProvince,
      postal_code: $address.postalCode,
      country: $country,
      signed_by: (if .status.type == "D" then $receiver else null end),
      piece: $piece
    };

# A rescheduled day counts before the scheduled one; the day of delivery itself is no estimate.
def estimated:
  (.deliveryTime // {}) as $window
  | [("RDD", "SDD") as $type | (.deliveryDate // [])[] | select(.type == $type) | .date | day]
  | if . == [] then null else .[0] end
  | . as $day
  | if $day == null then
      null
    elif $window.type == "EDW" then
      {
        date: $day,
        min: (($window.startTime | clock | "\($day)T\(.)") // null),
        max: (($window.endTime | clock | "\($day)T\(.)") // null)
      }
    elif $window.type == "CMT" then
      {date: (($window.endTime | clock | "\($day)T\(.)") // $day)}
    else
      {date: $day}
    end;

def destination: first((.packageAddress // [])[] | select(.type == "DESTINATION") | .address) // {};

def signature:
  (.additionalServices // []) as $services
  | if any($services[]; . == "ADULT_SIGNATURE_REQUIRED") then "adult_signature_required"
    elif any($services[]; . == "SIGNATURE_REQUIRED") then "signature_required"
    else null end;

# The post office delivers what UPS calls SurePost and Mail Innovations.
def last_mile:
  first(
    (.alternateTrackingNumber // [])[]
    | select((.type // "") | startswith("USPS"))
    | {slug: "usps", number}
  ) // null;

def shipment($query):
  .package as $packages
  | ($packages | length > 1) as $several
  # Ours, if we are told which one it is; else the first speaks for all.
  | (first($packages[] | select(.trackingNumber == $query.number)) // $packages[0]) as $main
  | {
      checkpoints: [
        $packages[]
        | (if $several then .trackingNumber else null end) as $piece
        | (.deliveryInformation.receivedBy // null) as $receiver
        | (.activity // [])[]
        # Type NA is UPS for "nothing to tell".
        | select(.status.type != "NA")
        | checkpoint($piece; $receiver)
      ],
      estimated_delivery: ($main | estimated),
      service: $main.service.description,
      weight: (($main.weight.weight | decimal) as $value
        | {unit: ($main.weight.unitOfMeasurement // ""), value: $value}) // null,
      dimensions: ($main.dimension // {}
        | {
            unit: (.unitOfDimension // ""),
            length: (.length | decimal),
            width: (.width | decimal),
            height: (.height | decimal)
          }) // null,
      package_count: ($main.packageCount | if type == "number" then . else null end),
      destination_country: ($main | destination | .countryCode // .country),
      destination_city: ($main | destination | .city),
      signature_requirement: ($main | signature),
      last_mile: ($main | last_mile),
      pieces: (if $several then
          [
            $packages[]
            | .trackingNumber
            | filled
            | {number: ., kind: (if . == $main.trackingNumber then "master" else "child" end)}
          ]
        else [] end)
    };

def refusal:
  .code as $code
  | (.message // "UPS gave no reason") as $reason
  # TV1002: no such form of number; TW0001: no such number.
  | if any("TV1002", "TW0001"; . == $code) then
      {unknown: $reason}
    elif any("250001", "250002", "250003", "250009"; . == $code) then
      {trouble: {kind: "bad_credentials", reason: $reason}}
    elif ($code // "") | startswith("TV") then
      {trouble: {kind: "refused", reason: $reason}}
    else
      {trouble: {kind: "retry_later", reason: "\($code): \($reason)"}}
    end;

# ---- XML, put into today's form

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

def text: if type == "string" then . else null end;

def xml_address: node | {city: (.City | text), stateProvince: (.StateProvinceCode | text), postalCode: (.PostalCode | text), countryCode: (.CountryCode | text)};

def xml_activity:
  (.Status | node) as $status
  | {
      date: (.Date | text),
      time: (.Time | text),
      location: {address: (.ActivityLocation | node | .Address | xml_address)},
      status: {
        type: ($status.StatusType | node | .Code | text),
        code: ($status.StatusCode | node | .Code | text),
        description: ($status.StatusType | node | .Description | text)
      }
    };

def xml_package($shipment):
  [.Activity | list[] | objects] as $activities
  | (.PackageWeight | node) as $weight
  | {
      trackingNumber: (.TrackingNumber | text),
      deliveryDate: [
        {type: "RDD", date: (.RescheduledDeliveryDate | text)},
        {type: "SDD", date: ($shipment.ScheduledDeliveryDate | text)}
        | select(.date)
      ],
      service: {description: ($shipment.Service | node | .Description | text)},
      weight: {unitOfMeasurement: ($weight.UnitOfMeasurement | node | .Code | text), weight: ($weight.Weight | text)},
      packageAddress: [{type: "DESTINATION", address: ($shipment.ShipTo | node | .Address | xml_address)}],
      deliveryInformation: {receivedBy: (first($activities[] | .ActivityLocation | node | .SignedForByName | strings) // null)},
      activity: [$activities[] | xml_activity]
    };

def from_xml:
  (.Response | node | .Error | node) as $error
  | if $error.ErrorCode then
      ($error.ErrorDescription // "UPS gave no reason") as $reason
      | {response: {errors: [{code: (if $reason | test("tracking"; "i") then "TW0001" else $error.ErrorCode end), message: $reason}]}}
    else
      {trackResponse: {shipment: [.Shipment | list[] | objects | . as $shipment | {package: [.Package | list[] | objects | xml_package($shipment)]}]}}
    end;

.query as $query
| .body
| (if .TrackResponse then .TrackResponse | from_xml else . end)
| if .response.errors[0]? then
    .response.errors[0] | refusal
  elif .trackResponse.shipment | type != "array" then
    error("no trackResponse.shipment")
  else
    .trackResponse.shipment
    | (first(.[] | select((.package // []) != [])) // null) as $known
    | if $known then
        $known
        | shipment($query)
        | if .checkpoints == [] then {no_data_yet: "UPS lists no activity yet"} else {shipments: [.]} end
      else
        first(.[] | (.warnings // [])[]) // {message: "UPS knows no package"}
        | {unknown: .message}
      end
  end
