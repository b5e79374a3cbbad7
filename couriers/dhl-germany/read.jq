# DHL Parcel DE tracking: nested elements `data` that differ by their `name`. In the list stands a
# `piece-shipment` for each piece, in it a `piece-event-list`, and in that the `piece-event`s, oldest first.

def filled: select(type == "string" and . != "");

def named($name): (.data // null) | list[] | objects | select(.["@name"] == $name);

# "18.03.2016 10:02" -> "2016-03-18T10:02:00"; the engine sees to the digits.
def moment:
  (filled | capture("^(?<d>..)[.](?<m>..)[.](?<y>....) (?<t>..:..)$") | "\(.y)-\(.m)-\(.d)T\(.t):00") // .;

# Events name the country in the language asked for, and most are at home.
def country: if . == "Germany" or . == "Deutschland" then "DE" else . end;

# A delivery on the way back is one to the sender.
def codes:
  .["@standard-event-code"] as $code
  | (select(.["@ruecksendung"] == "true") | ["return", (if $code == "ZU" then "ZU" else "on its way" end)]),
    ["event", $code],
    ["text", .["@event-text"]],
    ["ice", .["@ice"]];

def checkpoint($receiver):
  (.["@event-country"] | country) as $country
  | {
      time: (.["@event-timestamp"] | moment),
      code: ((.["@standard-event-code"] | filled) // .["@ice"]),
      codes: [codes | select(.[1] | type == "string" and . != "")],
      message: ((.["@event-text"] | filled) // .["@event-status"]),
      location: ([.["@event-location"], .["@event-country"]] | map(filled) | join(", ")),
      city: .["@event-location"],
      country: $country,
      signed_by: (if .["@standard-event-code"] == "ZU" then $receiver else null end)
    };

def positive: filled | select((tonumber? // 0) > 0);

def shipment:
  ((.["@recipient-name"] | filled) // (.["@pan-recipient-name"] | filled) // null) as $receiver
  | .["@shipment-length"] as $length
  | .["@shipment-width"] as $width
  | .["@shipment-height"] as $height
  | {
      checkpoints: [named("piece-event-list") | named("piece-event") | checkpoint($receiver)],
      service: .["@product-name"],
      weight: ((.["@shipment-weight"] | positive | {unit: "kg", value: .}) // null),
      dimensions: ((
        ($length | positive) as $length | ($width | positive) as $width | ($height | positive) as $height
        | {unit: "cm", length: $length, width: $width, height: $height}
      ) // null),
      destination_country: .["@dest-country"],
      destination_city: ((.["@pan-recipient-city"] | filled) // null)
    };

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

def refusal:
  .["@code"] as $code
  | ((.["@error"] | filled) // "DHL gave no reason") as $reason
  | if $code == "100" or ($reason | test("no data|keine daten"; "i")) then {unknown: $reason}
    elif $reason | test("login|password|passwort|credential"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $reason | test("too many|later|unavailable"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
    else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end;

.query as $query
| .body.data
| if . == null then error("no data")
  elif .["@code"] != "0" then refusal
  else
    [
      named("piece-shipment")
      | {number: ((.["@searched-piece-code"] | filled) // .["@piece-code"])}
        + (if (.["@error-status"] // "0") != "0" then
            {unknown: ((.["@piece-status-desc"] | filled) // (.["@status"] | filled) // "DHL knows no such piece")}
          else
            shipment | if .checkpoints == [] then {no_data_yet: "DHL lists no event yet"} else . end
          end)
    ]
    | {shipments: (. + [absent($query; "DHL lists no such piece")])}
  end
