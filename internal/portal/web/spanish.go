package web

import "maps"

// layoutInSpanish holds the texts round every page, by the English ones.
var layoutInSpanish = map[string]string{
	// around every page
	"Skip to the content": "Ir al contenido", "Your pages": "Sus páginas", "Menu": "Menú", "Staff pages": "Páginas del personal", "Start": "Inicio",
	"Home": "Inicio", "Connections": "Conexiones", "Visit": "Visita", "Documents": "Documentos", "Apps": "Aplicaciones", "Security": "Seguridad",
	"Sign out": "Salir", "Sign in": "Entrar", "Held back": "Retenidas", "Quarantine": "Cuarentena",
	"Please check:": "Por favor, revise:", "Please check one thing": "Por favor, revise una cosa", "Please check %d things": "Por favor, revise %d cosas",
	"Questions? Call %s or write to": "¿Preguntas? Llame al %s o escriba a",
	"This site uses cookies that keep you signed in and know your browser again. They hold nothing about you.": "Este sitio usa cookies para que su sesión siga abierta y para reconocer su navegador. No guardan nada sobre usted.",

	"More about cookies": "Más sobre las cookies",

	"You act for %s.": "Usted actúa en nombre de %s.", "Act for somebody else": "Actuar por otra persona",
	"There is no permission to act for this person, or not any more.": "No hay permiso para actuar en nombre de esta persona, o ya no.",

	// what became of a request that was refused
	"This page is not here": "Esta página no está aquí", "This is not open": "Esto no está abierto", "That is not possible now": "Eso no es posible ahora",
	"Please wait a moment": "Espere un momento, por favor", "Please sign in again": "Por favor, entre otra vez", "Something went wrong": "Algo salió mal",
	"Back to the start": "Volver al inicio", "There is no such page.": "No existe esa página.", "The form could not be read, or is too large.": "No se pudo leer el formulario, o es demasiado grande.",
	"Choose one of the languages that there are.":       "Elija uno de los idiomas que hay.",
	"Something failed on our side; it has been logged.": "Algo falló de nuestro lado; quedó anotado.",

	"This was just sent already; look whether it is there before you send it again.": "Esto se acaba de enviar; mire si ya está antes de enviarlo otra vez.",

	// parts of forms
	"(you can leave this out)": "(puede dejarlo en blanco)", "Error:": "Error:", "new": "nuevos",
}

// LayoutTexts are the Spanish texts round every page, by the English ones: every
// room can rely on them.
func LayoutTexts() map[string]string { return maps.Clone(layoutInSpanish) }
