# BoxKnight v1: one order a request. The token is added by the engine.
{
  method: "GET",
  url: ("https://api.boxknight.com/v1/orders/" + (.query.number | @uri)),
  headers: {Accept: "application/json"}
}
