# Sendle: one reference a request. Basic authentication is added by the engine.
{
  method: "GET",
  url: ("https://api.sendle.com/api/tracking/" + (.query.number | @uri)),
  headers: {Accept: "application/json"}
}
