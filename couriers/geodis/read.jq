# GEODIS Espace client: `ok` with `contenu`, a shipment with `listSuivis[]`, newest first, in local time; else
# `codeErreur` and `texteErreur`. A code is a situation and its reason, "MLV/CFM".

def filled: select(type == "string" and . != "");

def checkpoint:
  .codeSituationJustification as $code
  | {
      time: (.dateSuivi + ((.heureSuivi | filled | "T" + .) // "")),
      code: $code,
      codes: [["event", $code], ["text", .libelleSuivi], ["situation", ($code // "" | split("/")[0] // "")] | select(.[1] | type == "string" and . != "")],
      message: .libelleSuivi,
      location: .libelleCentre,
      # "Rochefort (FR)"
      city: ((.libelleCentre // "" | filled | capture("^(?<c>.+) [(](?<cc>[A-Z]{2})[)]$") | .c) // null),
      country: ((.libelleCentre // "" | filled | capture("^(?<c>.+) [(](?<cc>[A-Z]{2})[)]$") | .cc) // null)
    };

# "MAT" and "APM" are halves of a day.
def shipment:
  (.destinataire // {}) as $to
  | {
      checkpoints: [(.listSuivis // [])[] | select(.dateSuivi | filled) | checkpoint],
      estimated_delivery: {date: ((.dateLivraisonPrevue | filled) // (.dateLivraisonSouhaitee | filled) // null)},
      service: (((.prestationCommerciale // {}).libelle | filled) // null),
      weight: (if (.poids | type) == "number" and .poids > 0 then {unit: "kg", value: .poids} else null end),
      package_count: (if (.nbColis | type) == "number" and .nbColis > 0 then .nbColis else null end),
      destination_country: ((($to.pays // {}).code | filled) // null),
      destination_city: (($to.ville | filled) // null)
    };

.body
| if .ok == true and (.contenu | type) == "object" then
    .contenu | shipment | if .checkpoints == [] then {no_data_yet: "GEODIS lists no event yet"} else {shipments: [.]} end
  elif .ok == true then {unknown: "GEODIS lists no shipment"}
  elif .ok == false then
    ((.texteErreur | filled) // .codeErreur // "GEODIS gave no reason") as $reason
    | if $reason | test("introuvable|inexistant|aucun|non trouv|not found"; "i") then {unknown: $reason}
      elif $reason | test("authentif|identifiant|clé|token|habilit"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("indisponible|ultérieurement|technique"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: "\(.codeErreur): \($reason)"}} end
  else error("no ok") end
