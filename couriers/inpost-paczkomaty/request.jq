# InPost ShipX, open to all: one number a request.
{
  method: "GET",
  url: ("https://api-shipx-pl.easypack24.net/v1/tracking/" + (.query.number | @uri)),
  headers: {Accept: "application/json", "Accept-Language": (if .query.language == "pl" then "pl" else "en" end)}
}
