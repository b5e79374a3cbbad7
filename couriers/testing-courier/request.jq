# The answerer behind the scheme `sandbox:` knows nothing but what stands here.
{
  method: "GET",
  url: (
    "sandbox://testing-courier/track"
    + "?number=" + (.query.number | @uri)
    + "&created_at=" + (.query.created_at | @uri)
  ),
  headers: {Accept: "application/json"}
}
