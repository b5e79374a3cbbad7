# Canada Post: `tracking-detail` with `significant-events.occurrence[]`, newest first; what was refused is
# `messages.message[]`.
#
# `event-time-zone` says EST in summer too, so it is not taken for an offset: times stay local.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

def provinces: ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];

# The signature is an event of its own; the delivery beside it has none.
def signed($all):
  .["event-date"] as $date
  | .["event-time"] as $time
  | ((.["signatory-name"] | filled)
      // first($all[] | select(.["event-date"] == $date and .["event-time"] == $time) | .["signatory-name"] | filled)
      // null);

def checkpoint($all):
  .["event-province"] as $province
  | {
      time: (.["event-date"] + ((.["event-time"] | filled | "T" + .) // "")),
      code: .["event-identifier"],
      codes: [["event", .["event-identifier"]], ["text", .["event-description"]] | select(.[1] | type == "string" and . != "")],
      message: (.["event-description"] | filled | gsub("\\s+"; " ")),
      location: ([.["event-retail-name"], .["event-site"], $province] | map(filled) | join(", ")),
      city: .["event-site"],
      state: $province,
      country: (if any(provinces[]; . == $province) then "CA" else null end),
      signed_by: (if .["event-description"] // "" | test("deliver|livr|signature"; "i") then signed($all) else null end)
    };

# The shop of the newest event that says it waits there.
def pickup:
  first(
    .[]
    | select(.["event-description"] // "" | test("available for pickup|ramassage|peut être ramass|à être ramass"; "i"))
    | [.["event-retail-name"], .["event-site"], .["event-province"]]
    | select(.[0] | filled)
    | map(filled)
    | join(", ")
  ) // null;

def signature:
  [(.["delivery-options"] | node | .item) | list[] | objects | .["delivery-option-description"] // "" | strings]
  | if any(test("proof of age|preuve d.âge"; "i")) then "adult_signature_required"
    elif any(test("signature"; "i")) then "signature_required"
    else null end;

def detail:
  [(.["significant-events"] | node | .occurrence) | list[] | objects] as $all
  | {
      checkpoints: [$all[] | checkpoint($all)],
      estimated_delivery: {date: ((.["changed-expected-date"] | filled) // (.["expected-delivery-date"] | filled) // null)},
      service: ((.["service-name"] | filled) // null),
      destination_country: (if .["destination-postal-id"] | type == "string" and test("^[A-Z][0-9][A-Z]") then "CA" else null end),
      signature_requirement: signature,
      pickup_location: ($all | pickup)
    };

def refusal:
  (.message | list[0] // {}) as $message
  | ($message.code // "") as $code
  | ($message.description // "Canada Post gave no reason") as $reason
  | if any("004", "005"; . == $code) or ($reason | test("no pin history|not found"; "i")) then {unknown: $reason}
    elif $code == "E002" or ($reason | test("authenticat|authoriz"; "i")) then {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $reason | test("slm monitor|unavailable|internal"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
    else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end;

.body
| (.wrapper // .)
| if .messages then .messages | refusal
  elif .["tracking-detail"] then
    .["tracking-detail"] | detail
    | if .checkpoints == [] then {no_data_yet: "Canada Post lists no event yet"} else {shipments: [.]} end
  else error("no tracking-detail") end
