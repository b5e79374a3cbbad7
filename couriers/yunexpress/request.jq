# YunExpress: one number a request, its own or the carrier's.
{
  method: "GET",
  url: ("http://oms.api.yunexpress.com/api/Tracking/GetTrackInfo?OrderNumber=" + (.query.number | @uri)),
  headers: {
    Accept: "application/json",
    "Accept-Language": "en-us",
    Authorization: ("Basic " + ("\(.credentials.customer_number)&\(.credentials.api_secret)" | @base64))
  }
}
