# TNT ExpressConnect Tracking 3.1: an XML document as a field of a form. Basic authentication is added by the
# engine.
{
  method: "POST",
  url: "https://necta.az.fxei.fedex.com/ectrack/track",
  headers: {"Content-Type": "application/x-www-form-urlencoded", Accept: "text/xml; charset=UTF-8"},
  body: (
    "xml_in="
    + (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><TrackRequest locale=\"en_US\" version=\"3.1\">"
      + "<SearchCriteria marketType=\"INTERNATIONAL\" originCountry=\"\(.query.origin_country_alpha2 // "US")\">"
      + (.query.numbers | map("<ConsignmentNumber>\(. | @html)</ConsignmentNumber>") | join(""))
      + "</SearchCriteria><LevelOfDetail><Complete originAddress=\"true\" destinationAddress=\"true\"/></LevelOfDetail></TrackRequest>"
      | @uri
    )
  )
}
