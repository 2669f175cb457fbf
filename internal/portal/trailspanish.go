package portal

// trailInSpanish holds the texts of "Who has seen my data".
var trailInSpanish = map[string]string{
	"Who has seen my data": "Quién ha visto mis datos",
	"Each time somebody reads or changes your data, it is written down here. If these notes were changed, it would be noticed.": "Cada vez que alguien lee o cambia sus datos, queda anotado aquí. Si alguien cambiara estas notas, se notaría.",
	"Show": "Mostrar", "Everybody": "Todos", "once": "una vez", "%d times": "%d veces", "last at %s UTC": "la última a las %s UTC",
	"Your data went into a research release, as your consent allows: without your name and address.": "Sus datos entraron en una entrega para la investigación, como permite su consentimiento: sin su nombre ni su dirección.",
	"Read:": "Leído:", "Added or changed:": "Añadido o cambiado:", "It was refused: nothing was shown.": "Se rechazó: no se mostró nada.",
	"%d of these were refused.": "Se rechazaron %d.", "Why:": "Por qué:", "at your request": "porque usted lo pidió", "for research": "para la investigación",
	"for your care": "para su atención médica", "to keep the service working": "para que el servicio funcione", "to run the study": "para llevar el estudio",
	"There is nothing here.": "Aquí no hay nada.", "Newest": "Lo más nuevo", "Older": "Anteriores",
	"Apps that you let in": "Aplicaciones que usted dejó entrar", "The study’s team": "El equipo del estudio", "Care providers": "Proveedores de atención médica",
	"Research": "Investigación", "People who act for you": "Personas que actúan por usted", "You yourself": "Usted", "The service itself": "El propio servicio",
}
