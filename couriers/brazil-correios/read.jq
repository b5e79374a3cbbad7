# API Rastro v1: `objetos[]`, each with `eventos[]`, newest first, in local time, or with a `mensagem` that says
# why not. What was refused as a whole is `msgs[]`.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# An event is a kind (BDE, RO, OEC …) with a number.
def checkpoint:
  (((.unidade // {}).endereco) // {}) as $place
  | "\(.codigo) \(.tipo)" as $event
  | {
      time: .dtHrCriado,
      code: $event,
      codes: [["event", $event], ["text", .descricao] | select(.[1] | type == "string" and . != "")],
      message: ([.descricao, .detalhe] | map(filled) | join(" - ")),
      location: ([(.unidade // {}).tipo, $place.cidade, $place.uf] | map(filled) | join(", ")),
      city: $place.cidade,
      state: $place.uf,
      country: (if $place.uf | type == "string" and test("^[A-Z]{2}$") then "BR" else null end)
    };

.query as $query
| .body
| if .objetos | type == "array" then
    [
      .objetos[]
      | (.mensagem // "") as $message
      | {
          number: .codObjeto,
          checkpoints: [(.eventos // [])[] | select(.dtHrCriado | filled) | checkpoint],
          estimated_delivery: {date: ((.dtPrevista | filled) // null)},
          service: (((.tipoPostal // {}).categoria | filled) // null)
        }
      | if .checkpoints != [] then .
        elif $message | test("SRO-0(09|19|20)|não encontrado|inválido"; "i") then {number, unknown: $message}
        elif $message != "" then {number, trouble: {kind: "retry_later", reason: $message}}
        else {number, no_data_yet: "the Correios list no event yet"} end
    ]
    | {shipments: (. + [absent($query; "the Correios list no such object")])}
  elif .msgs[0]? then
    .msgs[0] as $reason
    | if $reason | test("token|autoriza|GTW"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no objetos") end
