# Ukrposhta's statuses of several items, with those it does not know.
{
  method: "POST",
  url: "https://www.ukrposhta.ua/status-tracking/0.0.1/statuses/with-not-found",
  headers: {"Content-Type": "application/json", Accept: "application/json", Authorization: "Bearer \(.credentials.bearer)"},
  body: .query.numbers
}
