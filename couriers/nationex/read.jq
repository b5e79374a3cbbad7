# Nationex v4: `StatusHistories[]` of the shipment and `Parcels[].History[]` of each parcel; what was refused is
# `code` and `message`.

def filled: select(type == "string" and . != "");

def of_shipment($french):
  {
    time: .StatusDate,
    code: .ShipmentStatus,
    codes: [["status", .ShipmentStatus], ["text", .ShipmentStatusEn] | select(.[1] | type == "string" and . != "")],
    message: (if $french then .ShipmentStatusFr else .ShipmentStatusEn end),
    location: .LastLocation,
    city: .LastLocation
  };

def of_parcel($french; $piece):
  (.Geocoding // {}) as $place
  | {
      time: .ProcessedDate,
      code: (.ExceptionId | if type == "number" then tostring else . end),
      codes: [["text", .DescriptionEn] | select(.[1] | type == "string" and . != "")],
      message: (if $french then .DescriptionFr else .DescriptionEn end),
      location: .CityDepot,
      city: .CityDepot,
      coordinate: (if ($place.Latitude | type) == "number" and ($place.Longitude | type) == "number" then
          {latitude: $place.Latitude, longitude: $place.Longitude}
        else null end),
      piece: $piece
    };

def shipment($french):
  (.Parcels // []) as $parcels
  | ($parcels | length > 1) as $several
  | ($parcels[0] // {}) as $first
  | (.Destination // {}) as $destination
  | {
      checkpoints: (
        [(.StatusHistories // [])[] | select(.StatusDate | filled) | of_shipment($french)]
        + [
          $parcels[]
          | (if $several then "\(.ParcelId)" else null end) as $piece
          | (.History // [])[]
          | select(.ProcessedDate | filled)
          | of_parcel($french; $piece)
        ]
      ),
      estimated_delivery: {
        date: (($first.EstimatedDeliveryDate | filled | . + (($first.EstimatedDeliveryTime | filled | "T" + .) // "")) // null)
      },
      package_count: (if (.TotalParcels | type) == "number" then .TotalParcels else null end),
      weight: (if (.TotalWeight | type) == "number" and .TotalWeight > 0 then {unit: "lb", value: .TotalWeight} else null end),
      destination_country: "CA",
      destination_city: $destination.City,
      pieces: (if $several then [$parcels[] | {number: "\(.ParcelId)", kind: "child"}] else [] end)
    };

(.query.language == "fr") as $french
| .status as $status
| .body
| if .ShipmentId or .StatusHistories then
    shipment($french) | if .checkpoints == [] then {no_data_yet: "Nationex lists no event yet"} else {shipments: [.]} end
  elif .message or .Message then
    (.message // .Message) as $reason
    | if .code == 404 or $status == 404 or ($reason | test("does not exist|not found"; "i")) then {unknown: $reason}
      elif $reason | test("authoriz|denied"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no ShipmentId") end
