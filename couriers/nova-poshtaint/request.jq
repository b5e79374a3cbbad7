# What Nova Poshta Global's tracking page asks, open to all.
{
  method: "GET",
  url: ("https://novaposhtaglobal.ua/ajax.php?action=ajax_tracking&Tracking_ID=" + (.query.number | @uri)),
  headers: {Accept: "application/json"}
}
