# Allied Express: a SOAP answer as JSON, with `result.statusBarcodesList`, one scan or a list of them, or
# `result.statusError`. A scan without a status is one on the way.

def filled: select(type == "string" and . != "");

def checkpoint:
  ((.scannedStatus | filled) // "Scanned") as $status
  | .consignmentNote as $note
  | {
      time: .scannnedTimestamp,
      code: $status,
      codes: [["status", $status]],
      message: $status,
      location: .depotLocation,
      city: .depotLocation,
      country: "AU",
      piece: ((.scannedBarcode | filled | select(. != $note)) // null)
    };

((.body["soapenv:Body"] // .body.Body // {}) | to_entries | (first(.[] | select(.key | endswith("getShipmentsStatusResponse")) | .value) // {})) as $answer
| ($answer.result // .body.result // null)
| if . == null then error("no result")
  elif (.statusError // "") != "" then
    .statusError as $reason
    | if $reason | test("no shipment status|not found"; "i") then {unknown: $reason}
      elif $reason | test("login|password|authoris"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else
    [.statusBarcodesList | list[] | objects | select(.scannnedTimestamp | filled) | checkpoint]
    | if . == [] then {no_data_yet: "Allied Express lists no scan yet"} else {shipments: [{checkpoints: .}]} end
  end
