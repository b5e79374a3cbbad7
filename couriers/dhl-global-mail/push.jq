# DHL eCommerce Americas webhooks v4: one package with its whole history, as the Tracking API answers.

def filled: select(type == "string" and . != "");

# Abbreviations that say standard or daylight time are an offset; "ET" alone is none.
def offset:
  {EST: "-05:00", EDT: "-04:00", CST: "-06:00", CDT: "-05:00", MST: "-07:00", MDT: "-06:00", PST: "-08:00", PDT: "-07:00"}[. // ""];

def digits: if type == "number" then tostring else . end;

def checkpoint($signed_by):
  {
    time: (.date + ((.time | filled | "T" + .) // "")),
    zone: (.timeZone | offset),
    code: (.primaryEventId | digits),
    codes: [["event", (.primaryEventId | digits)], ["text", .primaryEventDescription], ["text", .secondaryEventDescription]
      | select(.[1] | type == "string" and . != "")],
    message: ([.primaryEventDescription, .secondaryEventDescription] | map(filled) | join(" - ")),
    location: ([.location, .country] | map(filled) | join(", ")),
    postal_code: (.postalCode | digits | if . == "0" then null else . end),
    country: .country,
    signed_by: null
  };

def item:
  (.package // {}) as $package
  | (.recipient // {}) as $recipient
  | {
      checkpoints: [(.events // [])[] | select(.date | filled) | checkpoint(null)],
      estimated_delivery: {date: (($package.expectedDelivery | filled) // null)},
      service: ($package.productName // $package.productClass // null),
      weight: (($package.weight // {}) | if (.value | type) == "number" then {unit: (.unitOfMeasure // "lb" | ascii_downcase), value} else null end),
      destination_country: $recipient.country,
      destination_city: $recipient.city,
      # The post office delivers, under the number it knows the package by.
      last_mile: (
        ($package.trackingId | digits | filled | select(test("^(420|9[2-5])[0-9]+$") and length >= 20)
          | {slug: "usps", number: .}) // null
      )
    };

.body
| if (.packages | type) != "array" then error("no packages") else . end
| [
    .packages[]
    | item as $item
    | select($item.checkpoints != [])
    # It is followed under any of these.
    | ([(.package // {}) | .dhlPackageId, .trackingId, .packageId | digits | filled] | unique)[]
    | $item + {number: .}
  ]
| if . == [] then {no_data_yet: "DHL lists no event yet"} else {complete: true, shipments: .} end
