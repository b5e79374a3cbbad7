# Nova Poshta Global: a waybill with `tracking_history[]`, in no order and with the same event said twice some
# seconds apart; moments are Unix seconds. An unknown number has a `result` for people and no `state`.

def filled: select(type == "string" and . != "");

def checkpoint($language):
  {
    time: (.date | tonumber | todate),
    code: .code,
    codes: [["event", .code], ["text", .description] | select(.[1] | type == "string" and . != "")],
    message: ((first((.translations // [])[] | select(.lang == $language) | .description | filled)) // .description),
    country: .country
  };

def waybill($query):
  ($query.language // "en") as $language
  | (.delivery_address // {}) as $to
  | [(.references // [])[] | select(.type == "Last mile") | .num | filled] as $last
  | (.shipment_info // {}) as $info
  | {
      checkpoints: [
        (.tracking_history // [])
        | map(select((.date | tonumber? // 0) > 0))
        # Said twice within a minute is said once.
        | group_by([.code, (.date | tonumber / 60 | floor)])
        | map(.[-1])
        | .[]
        | checkpoint($language)
      ],
      service: (((.service // {}).name | filled) // null),
      weight: (($info.sum_actual_weight // "" | tostring | filled | select((tonumber? // 0) > 0) | {unit: "kg", value: .}) // null),
      destination_country: $to.country,
      last_mile: (if $last != [] and $last[0] != $query.number then {slug: "nova-poshta", number: $last[0]} else null end)
    };

.query as $query
| .body
| if type == "object" and ((.state // "") != "" or (.tracking_history // []) != []) then
    waybill($query) | if .checkpoints == [] then {no_data_yet: "Nova Poshta lists no event yet"} else {shipments: [.]} end
  elif type == "object" and ((.result // "") != "") then {unknown: "Nova Poshta knows no such waybill"}
  elif type == "object" and ((.error // .errors // null) != null) then
    {trouble: {kind: "refused", reason: (.error // .errors | tojson)}}
  else error("no waybill") end
