# bpost's tracking of items. Basic authentication is added by the engine.
{
  method: "GET",
  url: ("https://api.parcel.bpost.cloud/services/trackedmail/item/" + (.query.number | @uri) + "/trackingInfo"),
  headers: {Accept: "application/vnd.bpost.shm-trackedmail-v2+XML"}
}
