# Yanwen's tracking interface. The customer's number is added by the engine.
{
  method: "GET",
  url: ("http://trackapi.yanwentech.com/api/tracking?nums=" + (.query.numbers | map(@uri) | join(","))),
  headers: {Accept: "application/json"}
}
