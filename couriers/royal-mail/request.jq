# Royal Mail Tracking v2, events of one mail piece.
{
  method: "GET",
  url: ("https://api.royalmail.net/mailpieces/v2/" + (.query.number | @uri) + "/events"),
  headers: {
    Accept: "application/json",
    "X-IBM-Client-Id": .credentials.client_id,
    "X-Accept-RMG-Terms": "yes"
  }
}
