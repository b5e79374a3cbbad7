# Roadie: shipments by their ids, which Roadie gives with the tracking number.
{
  method: "GET",
  url: ("https://connect.roadie.com/v1/shipments?ids=" + (.query.numbers | map(@uri) | join(","))),
  headers: {Accept: "application/json", Authorization: "Bearer \(.credentials.api_key)"}
}
