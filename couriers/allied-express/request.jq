# Allied Express, by way of its REST front: one consignment note a request. Basic authentication is added by
# the engine.
{
  method: "POST",
  url: ("https://3plapi.com/getShipmentsStatus/" + (.query.number | @uri)),
  headers: {"Content-Type": "application/json", Accept: "application/json"}
}
