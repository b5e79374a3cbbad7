# HayPost orders: one number a request. The token stands alone in the header.
{
  method: "GET",
  url: ("https://order.haypost.am/Api/Order/Tracking/" + (.query.number | @uri)),
  headers: {Accept: "application/json", Authorization: .token}
}
