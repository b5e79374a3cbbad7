# Spring XBS: a command with the key in it.
{
  method: "POST",
  url: "https://mtapi.net/",
  headers: {"Content-Type": "text/json"},
  body: {Apikey: .credentials.api_key, Command: "TrackShipment", Shipment: {TrackingNumber: .query.number}}
}
