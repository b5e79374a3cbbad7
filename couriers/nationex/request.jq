# Nationex v4: one shipment a request. Basic authentication is added by the engine.
{
  method: "GET",
  url: ("https://api.nationex.com/api/v4/Shipments/" + (.query.number | @uri) + "?tracking=true"),
  headers: {Accept: "application/json"}
}
