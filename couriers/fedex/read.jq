# FedEx Track API v1.
#
# `output.completeTrackResults[]`, one a number, each with `trackResults[]`: several if the number was used
# twice, the newest first. A number FedEx does not know is a result with an `error` and no scan. What was
# refused as a whole is `errors[]`.

def filled: select(type == "string" and . != "");

# Weights and counts come as numbers or as texts.
def decimal: if type == "number" then tostring else . end | filled | select((tonumber? // -1) >= 0);

# With these the reason says more than the event.
def exceptional: . as $event | any("DE", "SE", "DY", "CD", "HL", "RS"; . == $event);

def codes:
  (select(.eventType // .derivedStatusCode | exceptional) | ["exception", .exceptionCode]),
  ["event", .eventType],
  ["event", .derivedStatusCode];

def address_of: (.locationContactAndAddress // {}).address // {};

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

def signature:
  [(.specialHandlings // [])[] | "\(.type) \(.description)" | ascii_upcase]
  | if any(test("ADULT")) then "adult_signature_required"
    elif any(test("INDIRECT")) then "indirect_signature_required"
    elif any(test("NO.SIGNATURE")) then "no_signature_required"
    elif any(test("SIGNATURE")) then "signature_required"
    else null end;

def identifier($type):
  first(
    ((.additionalTrackingInfo // {}).packageIdentifiers // [])[]
    | select(.type == $type)
    | (if .values then .values[0] else .value end)
    | filled
  ) // null;

# Of a multi-piece shipment FedEx tells the master's number, whichever piece is asked.
def pieces($number):
  identifier("STANDARD_MPS")
  | if . == null then []
    elif . == $number then [{number: ., kind: "master"}]
    else [{number: ., kind: "master"}, {number: $number, kind: "child"}] end;

def hold: (.holdAtLocation // {} | address_of) as $address
  | [($address.streetLines // [])[], $address.city, $address.stateOrProvinceCode, $address.postalCode]
  | map(filled)
  | if . == [] then null else join(", ") end;

def shipment($number):
  (.deliveryDetails // {}) as $delivery
  | (.packageDetails // {}) as $package
  | (($package.weightAndDimensions // {}).weight // []) as $weights
  | (($package.weightAndDimensions // {}).dimensions // []) as $dimensions
  | ((.destinationLocation // {}) | address_of) as $planned
  | (.lastUpdatedDestinationAddress // (if $planned == {} then (.recipientInformation // {}).address // {} else $planned end)) as $destination
  | (($delivery.receivedByName | filled) // ($delivery.signedByName | filled) // null) as $signed_by
  | {
      number: $number,
      checkpoints: [(.scanEvents // [])[] | checkpoint($signed_by)],
      estimated_delivery: estimated,
      service: (.serviceDetail // {}).description,
      weight: (first($weights[] | (.value | decimal) as $value | {unit: (.unit // ""), value: $value}) // null),
      dimensions: (first($dimensions[]
        | (.length | decimal) as $length | (.width | decimal) as $width | (.height | decimal) as $height
        | {unit: (.units // ""), length: $length, width: $width, height: $height}) // null),
      package_count: (($package.count | decimal | tonumber) // null),
      destination_country: $destination.countryCode,
      destination_city: $destination.city,
      signature_requirement: signature,
      # Ground Economy is handed to the post office under a number of its own.
      last_mile: (identifier("PARTNER_CARRIER_NUMBER") | if . then {slug: "usps", number: .} else null end),
      pieces: pieces($number),
      pickup_location: hold
    };

def known: (.scanEvents // []) != [];

def refusal:
  (.code // "") as $code
  | (.message // "FedEx gave no reason") as $reason
  | if $code | test("NOTFOUND|NOT\\.FOUND|TRACKINGNUMBER\\.(INVALID|EMPTY)") then
      {unknown: $reason}
    elif $code | test("NOT\\.AUTHORIZED|FORBIDDEN|LOGIN") then
      {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $code | test("UNAVAILABLE|INTERNAL|TIMEOUT|TOO\\.MANY") then
      {trouble: {kind: "retry_later", reason: "\($code): \($reason)"}}
    else
      {trouble: {kind: "refused", reason: "\($code): \($reason)"}}
    end;

.body
| if .errors[0]? then
    .errors[0] | refusal
  elif .output.completeTrackResults | type != "array" then
    error("no output.completeTrackResults")
  else
    {shipments: [
      .output.completeTrackResults[]
      | .trackingNumber as $number
      | (.trackResults // [])
      | (first(.[] | select(known)) // null) as $known
      | if $known then
          $known | shipment($number)
        elif any(.[]; .error) then
          {number: $number} + first(.[] | select(.error) | .error | refusal)
        else
          {number: $number, no_data_yet: "FedEx lists no scan yet"}
        end
    ]}
  end
