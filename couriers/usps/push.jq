# USPS Subscriptions - Tracking v3.2: an envelope whose `payload` is JSON as a text, an item of the Tracking API
# with its newest events. Other kinds of subscriptions, and warnings about one, tell nothing of a parcel.

def filled: select(type == "string" and . != "");

def plain: (filled | gsub("<[^>]*>|&[#0-9a-zA-Z]+;"; "") | trim | filled) // null;

# What the text of a delivery says about the place, which the code leaves out.
def place_of_delivery:
  ascii_downcase
  | if test("neighbor") then ["delivered_to_neighbor"]
    elif test("left with individual|to agent|individual picked up|front desk|mail room|reception") then []
    elif test("porch|mailbox|locker|garage|patio|front door|back door|side door|parcel box") then ["delivered_to_a_location"]
    else [] end;

def checkpoint:
  (.eventType // "") as $text
  | ((.eventCountry | filled) // null) as $country
  | {
      time: .eventTimestamp,
      zone: ((.GMTOffset | filled) // null),
      code: .eventCode,
      codes: [
        ["event", .eventCode],
        ["text", $text]
        | select(.[1] | type == "string" and . != "")
      ],
      message: $text,
      location: ([.eventCity, .eventState, .eventCountry] | map(filled) | join(", ")),
      city: .eventCity,
      state: .eventState,
      postal_code: .eventZIP,
      # The post office leaves its own country out, and only that.
      country: ($country // (if (.eventZIP // "") != "" then "US" else null end)),
      signed_by: ((.recipientName | filled) // (.name | filled) // null),
      events: (if .eventCode == "01" then $text | place_of_delivery else [] end)
    };

def day: filled | select(length >= 10);

def estimated:
  {
    date: ((.expectedDeliveryTimeStamp | day) // (.expectedDeliveryDate | day) // (.predictedDeliveryTimeStamp | day)
      // (.predictedDeliveryDate | day) // (.guaranteedDeliveryTimeStamp | day) // (.guaranteedDeliveryDate | day) // null),
    min: ((.predictedDeliveryWindowStartTime | day) // null),
    max: ((.predictedDeliveryWindowEndTime | day) // null)
  };

def item:
  {
    checkpoints: [(.trackingEvents // [])[] | select(.eventTimestamp | filled) | checkpoint],
    estimated_delivery: estimated,
    service: (.mailClass | plain),
    destination_country: ((.destinationCountryCode | filled) // null),
    destination_city: .destinationCity,
    signature_requirement: (
      [(.services // [])[] | strings | ascii_downcase]
      | if any(test("adult signature")) then "adult_signature_required"
        elif any(test("signature confirmation|signature required")) then "signature_required"
        else null end
    )
  };

.body
| if (.payload | type) != "string" then error("no payload")
  elif (.subscriptionType // "TRACKING") != "TRACKING" then {no_data_yet: "no tracking subscription"}
  else
    (.payload | fromjson)
    | if (.trackingNumber | type) != "string" then {no_data_yet: "USPS names no item"}
      else
        .trackingNumber as $number
        | item
        # The newest events; those before them stay.
        | {complete: false, shipments: [. + {number: $number}]}
      end
  end
