# Asendia Sync: one number a request.
{
  method: "GET",
  url: (
    "https://www.asendia-sync.com/api/customers/" + (.credentials.customer_id | @uri)
    + "/tracking/" + (.query.number | @uri)
  ),
  headers: {Accept: "application/json", Authorization: "Bearer \(.token)"}
}
