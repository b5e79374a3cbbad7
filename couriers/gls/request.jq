# GLS Track and Trace v1. The bearer token is added by the engine.
{
  method: "GET",
  url: (
    "https://api.gls-group.net/track-and-trace-v1/tracking/simple/trackids/" + (.query.numbers | map(@uri) | join(","))
    + "?showEvents=true"
  ),
  headers: {Accept: "application/json", "Accept-Language": ((.query.language // "en") | ascii_upcase)}
}
