# MyDHL Express: events of the shipment and of its pieces.
{
  method: "GET",
  url: (
    "https://express.api.dhl.com/mydhlapi/tracking?shipmentTrackingNumber=" + (.query.numbers | join(",") | @uri)
    + "&trackingView=all-checkpoints&levelOfDetail=all"
  ),
  headers: {Accept: "application/json"}
}
