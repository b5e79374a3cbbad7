# Canpar: `return.result`, one a parcel of the shipment, each with `events[]`, newest first, in local time; an
# error is a text in `return.error`. Absent values are there as elements without text.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

# "20260308 091442" -> "2026-03-08T09:14:42"; the engine sees to the digits.
def moment: (filled | select(length == 15) | "\(.[:4])-\(.[4:6])-\(.[6:8])T\(.[9:11]):\(.[11:13]):\(.[13:])") // .;

def day: filled | select(length == 8) | "\(.[:4])-\(.[4:6])-\(.[6:])";

def text($value): if ($value | type) == "string" then $value else null end;

def checkpoint($french; $signed_by; $piece):
  (.address | node) as $place
  | {
      time: (.local_date_time | moment),
      code: .code,
      codes: [["event", .code], ["text", .code_description_en] | select(.[1] | type == "string" and . != "")],
      message: ((if $french then .code_description_fr else .code_description_en end | filled) // .code),
      location: ([$place.address_line_1, $place.city, $place.province, $place.country] | map(filled) | join(", ")),
      city: text($place.city),
      state: text($place.province),
      postal_code: text($place.postal_code),
      country: text($place.country),
      signed_by: (if .code == "DEL" then $signed_by else null end),
      piece: $piece
    };

.query as $query
| ($query.language == "fr") as $french
| ((.body.wrapper // .body).Envelope // {}) as $envelope
| ($envelope.Body // {}) as $body
| if $body.Fault then
    {trouble: {kind: "retry_later", reason: (($body.Fault.Reason | node | .Text | if type == "object" then .["#text"] else . end) // $body.Fault.faultstring // "Canpar gave no reason")}}
  else
    (first($body | to_entries[] | .value | objects | .return | objects) // error("no return"))
    | if .error | type == "string" and . != "" then
        .error as $reason
        | if $reason | test("not found|no (tracking|results?|barcode)|invalid barcode"; "i") then {unknown: $reason}
          else {trouble: {kind: "refused", reason: $reason}} end
      else
        [.result | list[] | objects] as $parcels
        | ($parcels | length > 1) as $several
        | (first($parcels[] | select(.barcode == $query.number)) // $parcels[0]) as $main
        | if $main == null then {unknown: "Canpar lists no parcel"}
          else
            {
              checkpoints: [
                $parcels[]
                | (if $several then .barcode else null end) as $piece
                | ((.signed_by | filled) // null) as $signed_by
                | .events
                | list[]
                | objects
                | select(.local_date_time | filled)
                | checkpoint($french; $signed_by; $piece)
              ],
              estimated_delivery: {date: (($main.estimated_delivery_date | day) // null)},
              service: text($main.service_description_en),
              destination_country: text(($main.consignee_address // {}).country),
              destination_city: text(($main.consignee_address // {}).city),
              pieces: (if $several then [$parcels[] | .barcode | filled | {number: ., kind: "child"}] else [] end)
            }
            | if .checkpoints == [] then {no_data_yet: "Canpar lists no event yet"} else {shipments: [.]} end
          end
      end
  end
