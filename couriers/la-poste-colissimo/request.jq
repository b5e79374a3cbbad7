# La Poste, Suivi v2. The key is added by the engine.
{
  method: "GET",
  url: (
    "https://api.laposte.fr/suivi/v2/idships/" + (.query.numbers | map(@uri) | join(","))
    + "?lang=" + (if .query.language == null or .query.language == "fr" then "fr_FR" else "en_GB" end)
  ),
  headers: {Accept: "application/json"}
}
