# FedEx Advanced Integrated Visibility: what the Track API answers, or `trackResults[]` without the frame.

def filled: select(type == "string" and . != "");

# With these the reason says more than the event.
def exceptional: . as $event | any("DE", "SE", "DY", "CD", "HL", "RS"; . == $event);

def codes:
  (select(.eventType // .derivedStatusCode | exceptional) | ["exception", .exceptionCode]),
  ["event", .eventType],
  ["event", .derivedStatusCode];

def checkpoint($signed_by):
  (.scanLocation // {}) as $address
  | {
      time: .date,
      code: (.eventType // .derivedStatusCode),
      codes: [codes | select(.[1] | type == "string" and . != "")],
      message: (
        [.eventDescription, .exceptionDescription]
        | map(filled)
        | if length == 2 and .[0] == .[1] then .[0] else join(" - ") end
      ),
      location: ([$address.city, $address.stateOrProvinceCode, $address.countryCode] | map(filled) | join(", ")),
      city: $address.city,
      state: $address.stateOrProvinceCode,
      postal_code: $address.postalCode,
      country: $address.countryCode,
      signed_by: (if .eventType == "DL" then $signed_by else null end)
    };

def moment($type): first((.dateAndTimes // [])[] | select(.type == $type) | .dateTime | filled) // null;

# The window FedEx computes, else its day, else what the service promises.
def estimated:
  ((.estimatedDeliveryTimeWindow // {}).window // {}) as $window
  | ((.standardTransitTimeWindow // {}).window // {}) as $standard
  | {
      date: (moment("ESTIMATED_DELIVERY") // ($window.ends | filled) // ($standard.ends | filled) // null),
      min: (($window.begins | filled) // null),
      max: (($window.ends | filled) // null)
    };

def identifier($type):
  first(
    ((.additionalTrackingInfo // {}).packageIdentifiers // [])[]
    | select(.type == $type)
    | (if .values then .values[0] else .value end)
    | filled
  ) // null;

def shipment($number):
  (.deliveryDetails // {}) as $delivery
  | (($delivery.receivedByName | filled) // ($delivery.signedByName | filled) // null) as $signed_by
  | {
      number: $number,
      checkpoints: [(.scanEvents // [])[] | checkpoint($signed_by)],
      estimated_delivery: estimated,
      service: (.serviceDetail // {}).description,
      last_mile: (identifier("PARTNER_CARRIER_NUMBER") | if . then {slug: "usps", number: .} else null end)
    };

.body
| if (.output.completeTrackResults? | type) == "array" then .output.completeTrackResults
  elif (.trackResults | type) == "array" then [.]
  else error("no output.completeTrackResults and no trackResults") end
| [
    .[]
    | .trackingNumber as $outer
    | (.trackResults // [])[]
    | select((.scanEvents // []) != [])
    | ((((.trackingNumberInfo // {}).trackingNumber // .trackingNumber // $outer) | filled) // null) as $number
    | select($number)
    | shipment($number)
  ]
# It may hold no more than what is new.
| if . == [] then {no_data_yet: "FedEx tells no scan"} else {complete: false, shipments: .} end
