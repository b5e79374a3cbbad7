# USPS Tracking v3: one item with `trackingEvents[]`, newest first; what was refused is `error`.
#
# Answers of the Web Tools, which ended in January 2026, are read as well, for those who kept them:
# `TrackResponse.TrackInfo[]` with a `TrackSummary` and older `TrackDetail[]`.

def filled: select(type == "string" and . != "");

def plain: (filled | gsub("<[^>]*>|&[#0-9a-zA-Z]+;"; "") | trim | filled) // null;

# What the text of a delivery says about the place, which the code leaves out.
def place_of_delivery:
  ascii_downcase
  | if test("neighbor") then ["delivered_to_neighbor"]
    elif test("left with individual|to agent|individual picked up|front desk|mail room|reception") then []
    elif test("porch|mailbox|locker|garage|patio|front door|back door|side door|parcel box") then ["delivered_to_a_location"]
    else [] end;

def checkpoint:
  (.eventType // "") as $text
  | ((.eventCountry | filled) // null) as $country
  | {
      time: .eventTimestamp,
      zone: ((.GMTOffset | filled) // null),
      code: .eventCode,
      codes: [
        ["event", .eventCode],
        ["text", $text]
        | select(.[1] | type == "string" and . != "")
      ],
      message: $text,
      location: ([.eventCity, .eventState, .eventCountry] | map(filled) | join(", ")),
      city: .eventCity,
      state: .eventState,
      postal_code: .eventZIP,
      # The post office leaves its own country out, and only that.
      country: ($country // (if (.eventZIP // "") != "" then "US" else null end)),
      signed_by: ((.recipientName | filled) // (.name | filled) // null),
      events: (if .eventCode == "01" then $text | place_of_delivery else [] end)
    };

def day: filled | select(length >= 10);

def estimated:
  {
    date: ((.expectedDeliveryTimeStamp | day) // (.expectedDeliveryDate | day) // (.predictedDeliveryTimeStamp | day)
      // (.predictedDeliveryDate | day) // (.guaranteedDeliveryTimeStamp | day) // (.guaranteedDeliveryDate | day) // null),
    min: ((.predictedDeliveryWindowStartTime | day) // null),
    max: ((.predictedDeliveryWindowEndTime | day) // null)
  };

def item:
  {
    checkpoints: [(.trackingEvents // [])[] | select(.eventTimestamp | filled) | checkpoint],
    estimated_delivery: estimated,
    service: (.mailClass | plain),
    destination_country: ((.destinationCountryCode | filled) // null),
    destination_city: .destinationCity,
    signature_requirement: (
      [(.services // [])[] | strings | ascii_downcase]
      | if any(test("adult signature")) then "adult_signature_required"
        elif any(test("signature confirmation|signature required")) then "signature_required"
        else null end
    )
  };

# ---- Web Tools

def month:
  {January: "01", February: "02", March: "03", April: "04", May: "05", June: "06", July: "07", August: "08",
   September: "09", October: "10", November: "11", December: "12"}[.];

# "April 28, 2015" -> "2015-04-28"
def long_day:
  (filled | capture("^(?<m>[A-Z][a-z]+) (?<d>[0-9]{1,2}), (?<y>[0-9]{4})$"))
  | "\(.y)-\(.m | month)-\("0\(.d)"[-2:])";

# "9:01 am" -> "09:01:00"
def clock:
  (filled | capture("^(?<h>[0-9]{1,2}):(?<m>[0-9]{2}) (?<half>[ap]m)$"))
  | ((.h | ltrimstr("0") | tonumber) % 12 + (if .half == "pm" then 12 else 0 end)) as $hour
  | "\("0\($hour)"[-2:]):\(.m):00";

def old_event:
  ((.EventTime | clock) // null) as $clock
  | (((.EventDate | long_day) // .EventDate // "") + (if $clock then "T" + $clock else "" end)) as $time
  | {
      eventTimestamp: $time,
      eventType: .Event,
      eventCode: .EventCode,
      eventCity: .EventCity,
      eventState: .EventState,
      eventZIP: .EventZIPCode,
      eventCountry: .EventCountry,
      name: .Name
    };

def old_item:
  {
    trackingEvents: [(.TrackSummary, .TrackDetail) | list[] | objects | old_event],
    expectedDeliveryDate: ((.ExpectedDeliveryDate | long_day) // (.PredictedDeliveryDate | long_day) // null),
    mailClass: .Class,
    destinationCity: .DestinationCity,
    services: (.Service | list)
  };

def out:
  item | if .checkpoints == [] then {no_data_yet: "USPS lists no event yet"} else {shipments: [.]} end;

def refusal($status):
  ((.errors // [])[0] // {}) as $first
  | ((.message | filled) // ($first.detail | filled) // ($first.title | filled) // "USPS gave no reason") as $reason
  | if $status == 404 or ($reason | test("not found|not available|could not locate|no record|invalid tracking|not trackable"; "i")) then
      {unknown: $reason}
    else
      {trouble: {kind: "refused", reason: $reason}}
    end;

.query as $query
| .status as $status
| .body
| if .TrackResponse then
    [.TrackResponse.TrackInfo | list[] | objects]
    | (first(.[] | select(.["@ID"] == $query.number)) // .[0])
    | if .Error then {unknown: .Error.Description} else old_item | out end
  elif .error | type == "object" then
    .error | refusal($status)
  elif .error | type == "string" then
    {trouble: {kind: "bad_credentials", reason: (.error_description // .error)}}
  elif .trackingEvents or .trackingNumber then
    out
  else
    error("no trackingEvents")
  end
