# Purolator TrackingService: `TrackingInformationList.TrackingInformation[]`, each with `Scans.Scan[]`, newest
# first, in local time; errors stand in `ResponseInformation.Errors` of the whole or of one PIN.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# "172300" -> "17:23:00"; the engine sees to the digits.
def clock: (filled | select(length == 6) | "T\(.[:2]):\(.[2:4]):\(.[4:])") // "";

# The type of a scan is coarse; "Other" is what its text says. Whether an undeliverable one was refused or
# nobody was there, the text says too.
def checkpoint:
  (.ScanDetails | node) as $details
  | ((.Depot | node | .Name) // "" | if type == "string" then . else "" end) as $depot
  | {
      time: (.ScanDate + (.ScanTime | clock)),
      code: .ScanType,
      codes: [
        (select(.ScanType == "Delivery" | not) | ["text", .Description]),
        ["type", .ScanType]
        | select(.[1] | type == "string" and . != "")
      ],
      message: ([.Description, .Comment] | map(filled) | join(" - ")),
      location: $depot,
      # "MONTREAL SORT CTR/CTR TRIE, PQ"
      state: (($depot | capture(", (?<s>[A-Z]{2})$") | .s | if . == "PQ" then "QC" else . end) // null),
      country: (if $depot | test(", (AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|PQ|SK|YT)$") then "CA" else null end),
      signed_by: (if .ScanType == "Delivery" then (($details.DeliverySignature | filled) // null) else null end)
    };

def refusal:
  ((.Errors | node | .Error) | list[0] // null) as $error
  | if $error == null then null
    else
      (($error.Description | filled) // "Purolator gave no reason") as $reason
      | if $reason | test("not found|no (pin|history|tracking)|invalid pin|unknown"; "i") then {unknown: $reason}
        elif $reason | test("authoriz|authent|credential|key"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
        elif $reason | test("try again|unavailable|internal"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
        else {trouble: {kind: "refused", reason: "\($error.Code): \($reason)"}} end
    end;

.query as $query
| ((.body.Envelope // {}).Body // {}) as $body
| if $body.Fault then
    (($body.Fault.faultstring | if type == "object" then .["#text"] else . end) // "Purolator gave no reason") as $reason
    | {trouble: {kind: "retry_later", reason: $reason}}
  else
    ($body.TrackPackagesByPinResponse // error("no TrackPackagesByPinResponse"))
    | (.ResponseInformation | node | refusal) as $whole
    | if $whole then $whole
      else
        [
          ((.TrackingInformationList | node) | .TrackingInformation)
          | list[]
          | objects
          | {number: ((.PIN // {}).Value)}
            + ((.ResponseInformation | node | refusal) as $own
              | [(.Scans | node | .Scan) | list[] | objects | select(.ScanDate | filled) | checkpoint] as $checkpoints
              | if $checkpoints != [] then {checkpoints: $checkpoints}
                elif $own then $own
                else {no_data_yet: "Purolator lists no scan yet"} end)
        ]
        | {shipments: (. + [absent($query; "Purolator lists no such PIN")])}
      end
  end
