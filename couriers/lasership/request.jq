# LaserShip's tracking page in its JSON form, open to all.
{
  method: "GET",
  url: ("https://t.lasership.com/Track/" + (.query.number | @uri) + "/json"),
  headers: {Accept: "application/json"}
}
