# La Poste, Suivi v2: one answer a number, as a list if several were asked. `returnCode` says how it went;
# the `shipment` has `event[]`, newest first.

def filled: select(type == "string" and . != "");

def checkpoint:
  {
    time: .date,
    code: .code,
    codes: [["event", .code] | select(.[1] | type == "string" and . != "")],
    message: .label
  };

def ship:
  (.contextData // {}) as $context
  | ($context.removalPoint // {}) as $point
  | ($context.partner // {}) as $partner
  | {
      checkpoints: [
        (.event // [])[]
        | select(.date | filled)
        # Where it waits is told once for the shipment.
        | checkpoint + (if .code == "AG1" then {location: ((.pointName // $point.name | filled) // null)} else {} end)
      ],
      estimated_delivery: {date: (if .isFinal == true then null else (.estimDate | filled) // null end)},
      service: ((.product | filled) // null),
      destination_country: (($context.arrivalCountry | filled) // null),
      # Abroad a partner delivers, often under a number of its own.
      last_mile: (($partner.reference | filled | {slug: null, number: .}) // null),
      pickup_location: (($point.name | filled) // null),
      redirect_link: ((($context.deliveryChoice // {}).url // null) | if type == "string" and test("^https?://") then . else null end)
    };

def refusal:
  (.returnMessage // .message // "La Poste gave no reason") as $reason
  | (.returnCode // 0) as $code
  | if $code == 404 or $code == 400 then {unknown: $reason}
    elif $code == 104 then {no_data_yet: $reason}
    elif $code == 401 or .code == "UNAUTHORIZED" then {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $code >= 500 or .code == "INTERNAL_ERROR" then {trouble: {kind: "retry_later", reason: $reason}}
    else {trouble: {kind: "refused", reason: $reason}} end;

def answer:
  {number: ((.shipment // {}).idShip // .idShip)}
  + (if .shipment then .shipment | ship | if .checkpoints == [] then {no_data_yet: "La Poste lists no event yet"} else . end
    else refusal end);

.body
| if type == "array" then {shipments: map(answer)}
  elif type != "object" then error("no answer")
  elif .shipment or (.returnCode and .idShip) then {shipments: [answer]}
  elif .returnCode or .code then refusal
  else error("no shipment") end
