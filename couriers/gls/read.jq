# GLS Track and Trace v1: `parcels[]`, each with its `status` and `events[]`, newest first, or with an
# `errorCode`. What was refused as a whole is `errors[]`.

def filled: select(type == "string" and . != "");

# "DELIVD.NORMAL": what happened, and how. The newest event is also what the parcel's status says.
def checkpoint($status):
  (.code // "" | split(".")[0] // "") as $kind
  | {
      time: .eventDateTime,
      code: .code,
      codes: [["event", .code], ["text", .description], ["kind", $kind], ["status", $status] | select(.[1] | type == "string" and . != "")],
      message: .description,
      location: ([.city, .country] | map(filled) | join(", ")),
      city: .city,
      postal_code: .postalCode,
      country: .country
    };

def parcel:
  .status as $status
  | {
      checkpoints: [
        (.events // [])
        | to_entries[]
        | (if .key == 0 then $status else null end) as $status
        | .value
        | select(.eventDateTime | filled)
        | checkpoint($status)
      ]
    };

def refusal:
  (.errorCode // "") as $code
  | ((.errorMessage | filled) // "GLS gave no reason") as $reason
  | if $code | test("^E_404") then {unknown: $reason}
    elif $code | test("^E_40[13]") then {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $code | test("^E_(429|5)") then {trouble: {kind: "retry_later", reason: $reason}}
    else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end;

.body
| if .parcels | type == "array" then
    {shipments: [
      .parcels[]
      | . as $parcel
      | {number: (.requested // .unitno)}
        + (if .errorCode then refusal
          else
            parcel
            | if .checkpoints != [] then .
              elif $parcel.status and $parcel.statusDateTime then
                {checkpoints: [{time: $parcel.statusDateTime, code: $parcel.status, codes: [["status", $parcel.status]]}]}
              else {no_data_yet: "GLS lists no event yet"} end
          end)
    ]}
  elif .errors[0]? then
    .errors[0] | refusal
  else error("no parcels") end
