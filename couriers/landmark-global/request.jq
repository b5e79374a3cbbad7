# Landmark Global v2: an XML document with the login in it.
{
  method: "POST",
  url: "https://api.landmarkglobal.com/v2/Track.php",
  headers: {"Content-Type": "application/xml"},
  body: (
    "<?xml version=\"1.0\"?><TrackRequest><Login><Username>\(.credentials.username | @html)</Username>"
    + "<Password>\(.credentials.password | @html)</Password></Login><Test>false</Test>"
    + "<ClientID>\(.credentials.client_id | @html)</ClientID>"
    + "<TrackingNumber>\(.query.number | @html)</TrackingNumber>"
    + "<RetrievalType>Historical</RetrievalType></TrackRequest>"
  )
}
