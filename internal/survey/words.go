package survey

import "fmt"

// What is said about an answer that cannot be taken, with its Spanish.
const (
	sayAnswer    = "Please answer: %s"
	sayOne       = "Please choose one answer only."
	sayShown     = "Please choose one of the answers that are shown."
	sayOther     = "Please write your answer beside “something else”."
	sayAlone     = "“%s” cannot be chosen together with other answers."
	sayWhole     = "Please write a whole number."
	sayNumber    = "Please write a number, such as %s."
	sayPlaces    = "Please write at most %d digits after the point."
	sayYesNo     = "Please answer yes or no."
	sayDate      = "Please write a date that there is: year, month, day."
	sayTime      = "Please write a time of day, such as 14:30."
	sayAddress   = "Please write a web address, such as https://example.org."
	sayPrintable = "Please use letters, numbers and punctuation only."
	sayShorter   = "Please write at most %d characters."
	sayLonger    = "Please write at least %d characters."
	sayForm      = "This is not in the form that is asked for."
	sayFormOf    = "Please write it in this form: %s"
	sayBetween   = "Please answer with something from %s to %s."
	sayAtLeast   = "Please answer with %s or more."
	sayAtMost    = "Please answer with %s or less."
	sayUnit      = "Please choose a unit."
	sayTooMany   = "Please give at most %d answers."
	sayTooFew    = "Please give at least %d answers."
	sayFileSize  = "The file may have at most %s."
	sayFileType  = "Please choose a picture (JPEG or PNG) or a PDF file."
	sayFileEmpty = "The file is empty."
	sayRows      = "Please fill in at least %d of these."
	sayFilesMany = "Please add at most %d files."
	sayNotRead   = "The file could not be read. Please choose it again."
)

var inSpanish = map[string]string{
	sayAnswer:    "Por favor responda: %s",
	sayOne:       "Por favor elija una sola respuesta.",
	sayShown:     "Por favor elija una de las respuestas que se muestran.",
	sayOther:     "Por favor escriba su respuesta junto a «otra cosa».",
	sayAlone:     "«%s» no se puede elegir junto con otras respuestas.",
	sayWhole:     "Por favor escriba un número entero.",
	sayNumber:    "Por favor escriba un número, por ejemplo %s.",
	sayPlaces:    "Por favor escriba como máximo %d cifras después del punto.",
	sayYesNo:     "Por favor responda sí o no.",
	sayDate:      "Por favor escriba una fecha que exista: año, mes y día.",
	sayTime:      "Por favor escriba una hora, por ejemplo 14:30.",
	sayAddress:   "Por favor escriba una dirección web, por ejemplo https://example.org.",
	sayPrintable: "Por favor use solo letras, números y puntuación.",
	sayShorter:   "Por favor escriba como máximo %d caracteres.",
	sayLonger:    "Por favor escriba al menos %d caracteres.",
	sayForm:      "Esto no tiene la forma que se pide.",
	sayFormOf:    "Por favor escríbalo en esta forma: %s",
	sayBetween:   "Por favor responda con algo entre %s y %s.",
	sayAtLeast:   "Por favor responda con %s o más.",
	sayAtMost:    "Por favor responda con %s o menos.",
	sayUnit:      "Por favor elija una unidad.",
	sayTooMany:   "Por favor dé como máximo %d respuestas.",
	sayTooFew:    "Por favor dé al menos %d respuestas.",
	sayFileSize:  "El archivo puede tener como máximo %s.",
	sayFileType:  "Por favor elija una imagen (JPEG o PNG) o un archivo PDF.",
	sayFileEmpty: "El archivo está vacío.",
	sayRows:      "Por favor llene al menos %d de estos.",
	sayFilesMany: "Por favor agregue como máximo %d archivos.",
	sayNotRead:   "No se pudo leer el archivo. Por favor elíjalo de nuevo.",
}

const spanish = "es"

// say is a text in a language, English where it has no other.
func say(lang, text string, args ...any) string {
	if translated, ok := inSpanish[text]; ok && lang == spanish {
		text = translated
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}
