# HayPost: an `order` with `orderStateHistories[]`, oldest first; states are numbers. Times are local.

def filled: select(type == "string" and . != "");

def checkpoint:
  (.stateId | tostring) as $state
  | {time: .createDate, code: $state, codes: [["state", $state]], message: ((.stateName | filled) // "")};

.status as $status
| .body
| if .order | type == "object" then
    (.orderDestinationAddress // {}) as $to
    | .order as $order
    | {
        checkpoints: [(.orderStateHistories // [])[] | select(.createDate | filled) | checkpoint],
        service: ((($order.service // {}).name | filled) // null),
        weight: (if ($order.weight | type) == "number" and $order.weight > 0 then {unit: "g", value: $order.weight} else null end),
        destination_country: (if $order.isInternational == false then "AM" else null end),
        destination_city: ((($to.cityVillage // {}).name | filled) // null)
      }
    | if .checkpoints == [] then {no_data_yet: "HayPost lists no state yet"} else {shipments: [.]} end
  elif $status == 404 or (type == "object" and has("order")) then {unknown: "HayPost knows no such order"}
  elif type == "object" and ((.message // .title // .errorMessage) != null) then
    (.message // .title // .errorMessage | tostring) as $reason
    | if $reason | test("not found"; "i") then {unknown: $reason}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no order") end
