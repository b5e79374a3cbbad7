# Chronopost: a SOAP envelope with `return.errorCode` and `return.listEventInfoComp.events[]`, oldest first.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

def infos: [.infoCompList | list[] | objects];

def info($name): first(infos[] | select(.name == $name) | .value | filled) // null;

def checkpoint:
  .code as $code
  | {
      time: .eventDate,
      code: $code,
      codes: [["event", $code], ["text", .eventLabel] | select(.[1] | type == "string" and . != "")],
      message: .eventLabel,
      location: ([.officeLabel, .zipCode] | map(filled) | join(", ")),
      city: ((.officeLabel | filled) // null),
      postal_code: ((.zipCode | filled) // null),
      # The zip codes are French ones; events abroad have none.
      country: (if .zipCode | type == "string" and test("^[0-9]{5}$") then "FR" else null end),
      signed_by: (info("Consignee's name") // info("Nom du destinataire"))
    };

((.body.Envelope // {}).Body // {}) as $body
| if $body.Fault then
    {trouble: {kind: "retry_later", reason: ($body.Fault.faultstring // "Chronopost gave no reason")}}
  else
    (($body.trackSkybillV2Response // {}).return // error("no return"))
    | (.errorMessage // "Chronopost gave no reason") as $reason
    | if .errorCode == "0" then
        [(.listEventInfoComp | node | .events) | list[] | objects] as $events
        | if $events == [] then {unknown: "Chronopost lists no event"} else {shipments: [{checkpoints: [$events[] | checkpoint]}]} end
      # 1: the system; 2 and 3: a number that is not known or not well formed.
      elif .errorCode == "1" then {trouble: {kind: "retry_later", reason: $reason}}
      elif any("2", "3"; . == $body.trackSkybillV2Response.return.errorCode) or ($reason | test("unknown|inconnu|not found|introuvable|invalid"; "i")) then
        {unknown: $reason}
      else {trouble: {kind: "refused", reason: "\(.errorCode): \($reason)"}} end
  end
