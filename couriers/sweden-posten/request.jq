# PostNord Track and Trace v5. The key is added by the engine.
(.query.language // "sv") as $language
| {
  method: "GET",
  url: (
    "https://api2.postnord.com/rest/shipment/v5/trackandtrace/findByIdentifier.json?id=" + (.query.number | @uri)
    + "&locale=" + (if any("en", "sv", "da", "no", "fi"; . == $language) then $language else "en" end)
  ),
  headers: {Accept: "application/json"}
}
