# UPS Tracking API v1: one number a request. The bearer token is added by the engine.

# UPS wants an id of our own for every request; number and moment make one that can be found again.
def transaction_id:
  "\(.query.number)-\(.query.now)" | gsub("[^0-9A-Za-z]"; "") | .[:32];

{
  method: "GET",
  url: (
    "https://onlinetools.ups.com/api/track/v1/details/" + (.query.number | @uri)
    + "?locale=en_US&returnSignature=false&returnMilestones=false&returnPOD=false"
  ),
  headers: {
    Accept: "application/json",
    transId: transaction_id,
    transactionSrc: "waybill"
  }
}
