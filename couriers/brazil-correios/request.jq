# API Rastro v1: all events of up to fifty objects.
{
  method: "GET",
  url: (
    "https://api.correios.com.br/srorastro/v1/objetos?resultado=T&"
    + (.query.numbers | map("codigosObjetos=" + @uri) | join("&"))
  ),
  headers: {Accept: "application/json", Authorization: "Bearer \(.token)"}
}
