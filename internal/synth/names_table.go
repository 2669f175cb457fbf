package synth

// given names by administrative gender, and those common among Hispanic families.
var givenNames = map[string][]string{
	"female": {
		"Abigail", "Alice", "Amara", "Anna", "Aisha", "Barbara", "Beatrice", "Carol", "Charlotte", "Chloë", "Deborah",
		"Diana", "Eleanor", "Emily", "Fatima", "Florence", "Grace", "Hannah", "Helen", "Imani", "Irene", "Jane",
		"Janet", "Joyce", "Karen", "Kim", "Laura", "Leah", "Linda", "Lucy", "Mai", "Margaret", "Mary", "Mei", "Nadia",
		"Nancy", "Nora", "Olivia", "Patricia", "Priya", "Rachel", "Renée", "Rose", "Ruth", "Sarah", "Sandra", "Sophie",
		"Susan", "Tamika", "Theresa", "Ursula", "Victoria", "Wanda", "Yuki", "Zoe",
	},
	"male": {
		"Aaron", "Adam", "Albert", "Andre", "Arthur", "Benjamin", "Brian", "Calvin", "Charles", "Daniel", "David",
		"Dennis", "DeShawn", "Edward", "Eric", "Frank", "Gary", "George", "Hao", "Harold", "Henry", "Isaac", "Jack",
		"Jamal", "James", "Jerome", "John", "Joseph", "Keith", "Kenneth", "Kevin", "Larry", "Leo", "Malik", "Mark",
		"Michael", "Minh", "Nathan", "Oliver", "Omar", "Paul", "Peter", "Raj", "Robert", "Samuel", "Stephen", "Thomas",
		"Timothy", "Victor", "Walter", "William", "Xavier", "Yusuf", "Zachary",
	},
}

var hispanicGivenNames = map[string][]string{
	"female": {
		"Ana", "Camila", "Carmen", "Consuelo", "Elena", "Esperanza", "Gabriela", "Guadalupe", "Inés", "Isabel",
		"Josefina", "Lucía", "Luz", "María", "Mercedes", "Paloma", "Pilar", "Rosa", "Sofía", "Teresa", "Ximena",
	},
	"male": {
		"Alejandro", "Andrés", "Ángel", "Carlos", "Diego", "Eduardo", "Emilio", "Fernando", "Francisco", "Héctor",
		"Javier", "Jesús", "Jorge", "José", "Juan", "Luis", "Manuel", "Miguel", "Rafael", "Ramón", "Raúl",
	},
}

var familyNames = []string{
	"Adams", "Allen", "Anderson", "Bailey", "Baker", "Begay", "Bennett", "Brooks", "Brown", "Butler", "Campbell",
	"Carter", "Chang", "Chen", "Clark", "Coleman", "Collins", "Cooper", "Cox", "Davis", "Edwards", "Ellis", "Evans",
	"Fisher", "Foster", "Gray", "Green", "Hall", "Hansen", "Harris", "Hayes", "Henderson", "Hill", "Howard", "Hughes",
	"Jackson", "James", "Jenkins", "Johnson", "Jones", "Kelly", "Khan", "Kim", "King", "Kowalski", "Lee", "Lewis",
	"Long", "Marshall", "Martin", "Miller", "Mitchell", "Moore", "Morgan", "Morris", "Müller", "Murphy", "Myers",
	"Nelson", "Nguyen", "O'Brien", "O'Connor", "Okafor", "Owens", "Park", "Parker", "Patel", "Perry", "Peterson",
	"Phillips", "Powell", "Price", "Reed", "Reynolds", "Richardson", "Roberts", "Robinson", "Rogers", "Ross",
	"Russell", "Schmidt", "Scott", "Shah", "Simmons", "Singh", "Smith", "Smith-Jones", "Stewart", "Sullivan",
	"Taylor", "Thomas", "Thompson", "Tran", "Tsosie", "Turner", "van der Berg", "Walker", "Ward", "Washington",
	"Watson", "White", "Williams", "Wilson", "Wood", "Wright", "Yamamoto", "Young",
}

var hispanicFamilyNames = []string{
	"Acosta", "Aguilar", "Álvarez", "Castillo", "Castro", "Chávez", "Cruz", "De la Rosa", "Delgado", "Díaz",
	"Domínguez", "Estrada", "Fernández", "Flores", "García", "Gómez", "González", "Guerrero", "Gutiérrez",
	"Hernández", "Herrera", "Jiménez", "López", "Martínez", "Medina", "Mendoza", "Morales", "Muñoz", "Núñez", "Ortega",
	"Ortiz", "Peña", "Pérez", "Ramírez", "Ramos", "Reyes", "Rivera", "Rodríguez", "Ruiz", "Sánchez", "Santiago",
	"Soto", "Torres", "Vargas", "Vázquez", "Vega",
}
