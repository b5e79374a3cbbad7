# Veho: a list of tracking numbers. The key is added by the engine.
{
  method: "POST",
  url: "https://api.shipveho.com/tracking",
  headers: {"Content-Type": "application/json", Accept: "application/json"},
  body: {trackingNumbers: .query.numbers}
}
