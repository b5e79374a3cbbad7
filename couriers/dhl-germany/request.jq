# DHL Parcel DE tracking: an XML document as a parameter. Basic authentication is added by the engine.
def document:
  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>"
  + "<data appname=\"\(.credentials.tracking_user | @html)\" password=\"\(.credentials.tracking_password | @html)\""
  + " language-code=\"\(if .query.language == "de" then "de" else "en" end)\""
  + " piece-code=\"\(.query.numbers | join(";") | @html)\" request=\"d-get-piece-detail\"/>";

{
  method: "GET",
  url: ("https://api-eu.dhl.com/parcel/de/tracking/v0/shipments?xml=" + (document | @uri)),
  headers: {Accept: "application/xml"}
}
