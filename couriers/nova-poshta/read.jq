# Nova Poshta v2.0: `data[]`, each the present status of a document and no history; what was refused is
# `errors[]`. So an answer makes two checkpoints: when the document was made, and where the parcel is now.
# What earlier answers told stays. Times are local and written in four ways.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# "26-02-2022 11:08:03", "08.03.2022 15:16:47", "15:16 08.03.2022", "2022-03-08 14:29:04"; the engine sees to the digits.
def moment:
  filled
  | if test("^[0-9]{4}-") then .
    elif test("^[0-9]{2}[-.][0-9]{2}[-.][0-9]{4} ") then "\(.[6:10])-\(.[3:5])-\(.[:2])T\(.[11:])"
    elif test("^[0-9]{2}:[0-9]{2} ") then "\(.[12:16])-\(.[9:11])-\(.[6:8])T\(.[:5]):00"
    else . end;

# Some moments are "0001-01-01 …" for none.
def known: moment | select(startswith("0") | not);


def now_at($code):
  if any("9", "10", "11", "106"; . == $code) then
    (.ActualDeliveryDate | known), (.RecipientDateTime | known), (.TrackingUpdateDate | known)
  else
    (.TrackingUpdateDate | known), (.DateScan | known), (.DateMoving | known)
  end;

def document:
  (.StatusCode | tostring) as $code
  | (first(now_at($code)) // null) as $now
  | ((.DateCreated | known) // null) as $created
  | any("7", "8", "9", "10", "11", "105"; . == $code) as $there
  | {
      number: .Number,
      checkpoints: [
        (select($created and $code != "1") | {time: $created, code: "1", codes: [["status", "1"]], message: "", location: .CitySender, city: .CitySender, country: "UA"}),
        {
          time: (if $code == "1" then $created else $now end),
          code: $code,
          codes: [["status", $code]],
          message: .Status,
          location: (if $there then ([.WarehouseRecipientAddress, .CityRecipient] | map(filled)[0]) else null end),
          city: (if $there then ((.CityRecipient | filled) // null) else null end),
          country: (if $there then "UA" else null end),
          signed_by: (if any("9", "10", "11"; . == $code) then ((.RecipientFullName | filled) // null) else null end)
        }
        | select(.time)
      ],
      estimated_delivery: {date: ((.ScheduledDeliveryDate | known) // null)},
      service: ((.ServiceType | filled) // null),
      weight: ((.FactualWeight // .DocumentWeight // "" | tostring | filled | select((tonumber? // 0) > 0) | {unit: "kg", value: .}) // null),
      package_count: ((.SeatsAmount // "" | tostring | filled | tonumber?) // null),
      destination_city: ((.CityRecipient | filled) // null),
      pickup_location: ((.WarehouseRecipient | filled) // null)
    }
  | if .checkpoints == [] then {number, no_data_yet: "Nova Poshta tells no moment"} else . end;

.query as $query
| .body
| if (.data // []) != [] then
    [
      .data[]
      | if (.StatusCode | tostring) == "3" then {number: .Number, unknown: (.Status // "Nova Poshta knows no such document")}
        else document end
    ]
    | {shipments: (. + [absent($query; "Nova Poshta lists no such document")])}
  elif (.errors // []) != [] then
    (.errors | map(tostring) | join("; ")) as $reason
    | if $reason | test("document number|number is not correct|not found"; "i") then {unknown: $reason}
      elif $reason | test("api ?key"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("many requests|later|unavailable|timeout"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  elif .success == true then {unknown: "Nova Poshta lists no document"}
  else error("no data") end
